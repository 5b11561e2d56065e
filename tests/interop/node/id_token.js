// google-auth-library: an ID token of the default credentials', verified with Google's keys.
'use strict';
const {GoogleAuth, OAuth2Client} = require('google-auth-library');

async function main(audience) {
  const client = await new GoogleAuth().getIdTokenClient(audience);
  const headers = await client.getRequestHeaders(audience);
  const idToken = headers.get('authorization').replace('Bearer ', '');
  const ticket = await new OAuth2Client().verifyIdToken({idToken, audience});
  console.log(ticket.getPayload().email, ticket.getPayload().aud);
}

main(process.argv[2]).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
