// google-auth-library: sign in with a client_secret.json, as its README does, and get a URL.
//
//     node sign_in.js CLIENT_SECRET URL SCOPE...
'use strict';
const {spawn} = require('child_process');
const fs = require('fs');
const http = require('http');
const {OAuth2Client, CodeChallengeMethod} = require('google-auth-library');

async function main([file, url, ...scope]) {
  const {client_id, client_secret} = JSON.parse(fs.readFileSync(file)).installed;
  const server = http.createServer();
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const redirect = `http://127.0.0.1:${server.address().port}`;
  const client = new OAuth2Client(client_id, client_secret, redirect);
  const {codeVerifier, codeChallenge} = await client.generateCodeVerifierAsync();
  const address = client.generateAuthUrl({
    access_type: 'offline',
    scope,
    code_challenge_method: CodeChallengeMethod.S256,
    code_challenge: codeChallenge,
  });
  spawn(process.env.BROWSER, [address], {stdio: 'ignore'});
  const code = await new Promise(resolve =>
    server.on('request', (request, response) => {
      response.end('Thank you.');
      const code = new URL(request.url, redirect).searchParams.get('code');
      if (code) resolve(code);
    })
  );
  server.close();
  server.closeAllConnections();
  const {tokens} = await client.getToken({code, codeVerifier});
  client.setCredentials(tokens);
  console.log(JSON.stringify((await client.request({url})).data));
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
