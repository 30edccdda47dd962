// Prints every 10 ms how far Date.now has moved from process.hrtime since the start, in ms: as the first thread reads
// them, and as another one does. With an argument it also runs that program, with the argument 1, over and over.
const { isMainThread, Worker, workerData } = require('worker_threads');
const { spawn } = require('child_process');

const apart = () => Date.now() - Number(process.hrtime.bigint()) / 1e6;

const run = (program) => spawn(program, ['1'], { stdio: 'inherit' }).on('exit', () => run(program));

if (isMainThread) {
  const other = new Float64Array(new SharedArrayBuffer(8));
  const start = apart();
  new Worker(__filename, { workerData: { other, start } });
  if (process.argv[2]) run(process.argv[2]);
  setInterval(() => process.stdout.write((apart() - start).toFixed(1) + ' ' + other[0].toFixed(1) + '\n'), 10);
} else {
  setInterval(() => (workerData.other[0] = apart() - workerData.start), 5);
}
