// Prints what DuckDB answers to a query, as CSV: node tests/bench/duckdb.js SQL
// For machines that have DuckDB as a module of Node.js (npm install @duckdb/node-api; NODE_PATH says
// where) and not as a command. Starting both takes about 0.3 s, see the case `start` of the benchmarks.
const { DuckDBInstance } = require('@duckdb/node-api');

async function main(query) {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const answer = await connection.runAndReadAll(query);

    console.log(answer.columnNames().join(','));
    for (const row of answer.getRows()) console.log(row.map(String).join(','));
}

main(process.argv[2]).catch((error) => {
    console.error(String(error));
    process.exitCode = 1;
});
