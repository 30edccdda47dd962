#!/usr/bin/env node
// A Maelstrom node program: lin-kv, txn-list-append, txn-rw-register and kafka. The first node holds all data; the others
// ask it on, and pass its answer back. With --lonely every node answers alone, from what it knows, which is a bug to find.
'use strict';
const lines = require('readline').createInterface({ input: process.stdin });

const lonely = process.argv.includes('--lonely');
const values = new Map();
const logs = new Map();
const asked = new Map(); // the number of a message of ours -> who waits for its answer
let name;
let holder;
let numbers = 0;

function send(dest, body) {
  process.stdout.write(JSON.stringify({ src: name, dest, body }) + '\n');
}

function step([kind, key, value]) {
  if (kind === 'append') values.set(key, [...(values.get(key) ?? []), value]);
  if (kind === 'w') values.set(key, value);
  return [kind, key, kind === 'r' ? (values.get(key) ?? null) : value];
}

const answers = {
  read: ({ key }) =>
    values.has(key) ? { type: 'read_ok', value: values.get(key) } : { type: 'error', code: 20, text: 'no such key' },
  write: ({ key, value }) => {
    values.set(key, value);
    return { type: 'write_ok' };
  },
  cas: ({ key, from, to }) => {
    if (!values.has(key)) return { type: 'error', code: 20, text: 'no such key' };
    if (values.get(key) !== from) return { type: 'error', code: 22, text: `it is ${values.get(key)}` };
    values.set(key, to);
    return { type: 'cas_ok' };
  },
  txn: ({ txn }) => ({ type: 'txn_ok', txn: txn.map(step) }),
  send: ({ key, msg }) => {
    if (!logs.has(key)) logs.set(key, []);
    return { type: 'send_ok', offset: logs.get(key).push(msg) - 1 };
  },
  poll: ({ offsets }) => {
    const from = ([key, offset]) => [key, (logs.get(key) ?? []).map((msg, i) => [i, msg]).slice(offset)];
    return { type: 'poll_ok', msgs: Object.fromEntries(Object.entries(offsets).map(from)) };
  },
};

function answer(src, body) {
  if (body.type === 'init') {
    name = body.node_id;
    holder = lonely ? name : [...body.node_ids].sort()[0];
    return send(src, { type: 'init_ok', in_reply_to: body.msg_id });
  }
  if (!answers[body.type])
    return send(src, { type: 'error', code: 10, text: `${body.type} is not supported`, in_reply_to: body.msg_id });
  if (name === holder) return send(src, { ...answers[body.type](body), in_reply_to: body.msg_id });
  asked.set(++numbers, { src, msg_id: body.msg_id });
  send(holder, { ...body, msg_id: numbers });
}

lines.on('line', (line) => {
  const { src, body } = JSON.parse(line);
  if (body.in_reply_to === undefined) return answer(src, body);
  const waiting = asked.get(body.in_reply_to);
  asked.delete(body.in_reply_to);
  if (waiting) send(waiting.src, { ...body, in_reply_to: waiting.msg_id });
});
lines.on('close', () => process.exit(0));
