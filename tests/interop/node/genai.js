// @google/genai: the models, or a streamed answer; by GEMINI_API_KEY where it is set, by the
// default credentials where not.
//
//     node genai.js models|stream
'use strict';
const {GoogleGenAI} = require('@google/genai');

async function main(job) {
  const ai = new GoogleGenAI({});
  if (job === 'models') {
    for await (const model of await ai.models.list()) console.log(model.name);
    return;
  }
  const chunks = await ai.models.generateContentStream({
    model: 'gemini-2.5-flash',
    contents: 'Say hello.',
  });
  for await (const chunk of chunks) console.log(chunk.text);
}

main(process.argv[2]).catch(error => {
  console.log(error.name, error.status, error.message);
});
