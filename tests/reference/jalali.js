// Jalali dates by ICU's Persian calendar: of each year 1210 to 1500 every 61st day and the days
// around its end. Run from the root of the source tree: node tests/reference/jalali.js
const fs = require("fs");
const format = new Intl.DateTimeFormat("en-u-ca-persian-nu-latn",
    { timeZone: "UTC", year: "numeric", month: "numeric", day: "numeric" });
const jalali = (days) => {
    const parts = Object.fromEntries(format.formatToParts(new Date(days * 86400000))
        .map((part) => [part.type, parseInt(part.value, 10)]));
    return [parts.year, parts.month, parts.day];
};
const lines = ["days,year,month,day"];
const first = Date.UTC(1831, 2, 15) / 86400000, last = Date.UTC(2122, 2, 25) / 86400000;
for (let days = first; days <= last; days++) {
    const [year, month, day] = jalali(days);
    if (year < 1210 || year > 1500) continue;
    if (days % 61 === 0 || (month === 12 && day >= 29) || (month === 1 && day === 1))
        lines.push([days, year, month, day].join(","));
}
fs.writeFileSync("tests/reference/data/jalali.csv", lines.join("\n") + "\n");
