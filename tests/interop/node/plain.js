// Node's own clients, one of them a run: the models by an API key.
//
//     node plain.js https|fetch|http2 KEY
'use strict';
const HOST = 'generativelanguage.googleapis.com';
const PATH = '/v1beta/models';

const clients = {
  https: key =>
    new Promise((resolve, reject) => {
      const {get} = require('node:https');
      get(`https://${HOST}${PATH}`, {headers: {'x-goog-api-key': key}}, answer => {
        answer.setEncoding('utf8');
        answer.toArray().then(parts => resolve(parts.join('')), reject);
      }).on('error', reject);
    }),
  fetch: async key => {
    const answer = await fetch(`https://${HOST}${PATH}`, {headers: {'x-goog-api-key': key}});
    return answer.text();
  },
  http2: key =>
    new Promise((resolve, reject) => {
      const session = require('node:http2').connect(`https://${HOST}`);
      session.on('error', reject);
      const stream = session.request({':path': PATH, 'x-goog-api-key': key});
      stream.setEncoding('utf8');
      stream.on('error', reject);
      stream.toArray().then(parts => {
        session.close();
        resolve(parts.join(''));
      }, reject);
    }),
};

clients[process.argv[2]](process.argv[3]).then(console.log, error => {
  console.error(error);
  process.exitCode = 1;
});
