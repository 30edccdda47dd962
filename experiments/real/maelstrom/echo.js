#!/usr/bin/env node
// A Maelstrom node program: echo and unique-ids. Ids are the node's name, when it started, and a number.
'use strict';
const lines = require('readline').createInterface({ input: process.stdin });

const started = Date.now().toString(36);
let name;
let ids = 0;

const answers = {
  init: (body) => {
    name = body.node_id;
    return { type: 'init_ok' };
  },
  echo: (body) => ({ type: 'echo_ok', echo: body.echo }),
  generate: () => ({ type: 'generate_ok', id: `${name}-${started}-${++ids}` }),
};

lines.on('line', (line) => {
  const { src, dest, body } = JSON.parse(line);
  const answer = answers[body.type] ?? (() => ({ type: 'error', code: 10, text: `${body.type} is not supported` }));
  const reply = { src: dest, dest: src, body: { ...answer(body), in_reply_to: body.msg_id } };
  process.stdout.write(JSON.stringify(reply) + '\n');
});
lines.on('close', () => process.exit(0));
