// @grpc/grpc-js with google-auth-library: ModelService.ListModels, its bytes as they are.
//
//     node grpc.js SCOPE...
'use strict';
const grpc = require('@grpc/grpc-js');
const {GoogleAuth} = require('google-auth-library');

const same = bytes => bytes;
const auth = new GoogleAuth({scopes: process.argv.slice(2)});
// Not createFromGoogleCredential: it takes headers for a plain object, which they no longer are.
const metadata = grpc.credentials.createFromMetadataGenerator(({service_url: url}, done) => {
  auth.getRequestHeaders(url).then(headers => {
    const metadata = new grpc.Metadata();
    headers.forEach((value, name) => metadata.set(name, value));
    done(null, metadata);
  }, done);
});
const client = new grpc.Client(
  'generativelanguage.googleapis.com:443',
  grpc.credentials.combineChannelCredentials(grpc.credentials.createSsl(), metadata),
);
client.makeUnaryRequest(
  '/google.ai.generativelanguage.v1beta.ModelService/ListModels',
  same,
  same,
  Buffer.alloc(0),
  (error, answer) => {
    client.close();
    if (error) {
      console.error(error);
      process.exitCode = 1;
    } else {
      console.log(answer.toString('latin1').match(/models\/[a-z0-9.-]+/g));
    }
  },
);
