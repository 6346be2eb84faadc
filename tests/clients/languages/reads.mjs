// Reads by every way of Node.js: `reads.mjs [ADDRESS]`, a line for each.
import https from 'node:https';

const ADDRESS = 'https://data.city.gov/resource/4tka-6guv.json?$select=earthquake_id&$limit=1';
const address = process.argv[2] ?? ADDRESS;

const byHttps = agent => new Promise((resolve, reject) => {
  https.get(address, { agent }, answer => {
    let text = '';
    answer.on('data', data => { text += data; }).on('end', () => resolve(text));
  }).on('error', reject);
});

const ways = {
  https: () => byHttps(undefined),
  'https without an agent': () => byHttps(false),
  'https with an agent of its own': () => byHttps(new https.Agent()),
};
if (globalThis.fetch) ways.fetch = async () => (await fetch(address)).text();

for (const [name, read] of Object.entries(ways)) {
  try {
    console.log(name, (await read()).trim());
  } catch (error) {
    process.exitCode = 1;
    console.log(name, 'failed:', error.cause?.message ?? error.message);
  }
}
