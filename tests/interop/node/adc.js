// google-auth-library: whoever the default credentials are gets a URL.
//
//     node adc.js [--self-signed] URL SCOPE...
//
// --self-signed lets a service account's key sign the bearer token itself.
'use strict';
const {GoogleAuth} = require('google-auth-library');

async function main(words) {
  const selfSigned = words[0] === '--self-signed';
  const [url, ...scopes] = words.slice(selfSigned ? 1 : 0);
  const client = await new GoogleAuth({scopes}).getClient();
  if (selfSigned) client.useJWTAccessWithScope = true;
  const answer = await client.request({url});
  console.log(client.constructor.name, JSON.stringify(answer.data));
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
