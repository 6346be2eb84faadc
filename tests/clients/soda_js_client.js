// soda-js, unchanged, with its domain in the code.
const assert = require('assert');
const soda = require('soda-js');

const host = 'data.city.gov';
const options = { username: 'publisher@example.com', password: 'publisher', apiToken: 'demo-app-token' };
const producer = new soda.Producer(host, options);
const consumer = new soda.Consumer(host, options);

const done = operation => new Promise((resolve, reject) => operation.on('success', resolve).on('error', reject));
const rows = () => done(consumer.query().withDataset('4tka-6guv').order('earthquake_id').getRows());

(async () => {
  const operation = producer.operation().withDataset('4tka-6guv');
  const before = (await rows()).length;
  await done(operation.add({ earthquake_id: 'js-1', magnitude: 1 }));
  assert.equal((await rows()).length, before + 1);
  await done(operation.upsert([{ earthquake_id: 'js-1', magnitude: 2 }, { earthquake_id: 'js-2' }]));
  await done(operation.update('js-1', { region: 'Here' }));
  const one = await done(consumer.query().withDataset('4tka-6guv').where({ earthquake_id: 'js-1' }).getRows());
  assert.deepEqual([one[0].magnitude, one[0].region], ['2', 'Here']);
  await done(operation.replace('js-1', { earthquake_id: 'js-1', depth: 5 }));
  const replaced = await done(consumer.query().withDataset('4tka-6guv').where({ earthquake_id: 'js-1' }).getRows());
  assert.deepEqual(replaced, [{ earthquake_id: 'js-1', depth: '5' }]);
  await done(operation.delete('js-2'));
  await done(operation.truncate());
  assert.equal((await rows()).length, 0);
  console.log('soda-js: passed');
})().catch(error => { console.error(error.status, error.text || (error.response && error.response.text) || error); process.exit(1); });
