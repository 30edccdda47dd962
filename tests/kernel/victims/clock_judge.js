// As clock_judge.c, in two workers: Date.now is judged by process.hrtime. A reading during which the thread lost its
// processor for long cannot be judged and does not count.
const { Worker, isMainThread, workerData } = require('worker_threads');

const milliseconds = () => Number(process.hrtime.bigint()) / 1e6;

function apart(longest) {
  for (;;) {
    const before = milliseconds();
    const wall = Date.now();
    const after = milliseconds();
    if (after - before <= longest) return wall - before;
  }
}

function spin({ base, counts }) {
  for (let last = 0; ; ) {
    const moved = apart(1) - base;
    const now = milliseconds();
    Atomics.add(counts, 0, 1);
    const isShifted = Math.abs(moved - 60000) < 5 || Math.abs(moved + 90000) < 5;
    if (Math.abs(moved) >= 5) Atomics.add(counts, isShifted ? 1 : 2, 1);
    if (now < last) Atomics.add(counts, 3, 1);
    last = now;
  }
}

if (isMainThread) {
  const base = apart(0.1);
  const counts = new Int32Array(new SharedArrayBuffer(16));
  for (let i = 0; i < 2; ++i) new Worker(__filename, { workerData: { base, counts } });
  setInterval(() => console.log([0, 1, 2, 3].map((i) => Atomics.exchange(counts, i, 0)).join(' ')), 20);
} else {
  spin(workerData);
}
