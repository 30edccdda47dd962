// Prints every 10 ms how far Date.now has moved from process.hrtime since the start, in ms.
const apart = () => Date.now() - Number(process.hrtime.bigint()) / 1e6;
const start = apart();
setInterval(() => process.stdout.write((apart() - start).toFixed(1) + '\n'), 10);
