// Prints what DuckDB answers to one query, as CSV: node ask-duckdb.js DATABASE SQL.
const { DuckDBInstance } = require('@duckdb/node-api');
const cell = (value) => (value === null ? '' : /[",\n]/.test(String(value))
    ? '"' + String(value).replaceAll('"', '""') + '"' : String(value));
(async () => {
    const instance = await DuckDBInstance.create(process.argv[2]);
    const connection = await instance.connect();
    const answer = await connection.runAndReadAll(process.argv[3]);
    const write = (row) => process.stdout.write(row.map(cell).join(',') + '\n');
    if (answer.getRows().length > 0) write(answer.columnNames());
    answer.getRows().forEach(write);
})().catch((error) => { console.error(error.message); process.exitCode = 1; });
