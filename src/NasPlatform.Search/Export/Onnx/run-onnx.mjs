// Runs an ONNX model on examples that come in on standard input and writes what it answers to standard output.
//   node run-onnx.mjs <folder that has node_modules/onnxruntime-node> <model.onnx> <type> <dimensions> <output> <numbers> <batch>
// type: float32 or int64, of the input; dimensions: of one example, such as 3x32x32; output: the name of the answer; numbers: how many it has for
// one example; batch: examples at a time. In: numbers [n, dimensions], any number of examples. Out: float32 [n, numbers].
// First a line on standard error with the runtime's version, for the certificate.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, model, type, sides, output, numbersText, batchText] = process.argv.slice(2);
const dimensions = sides.split('x').map(Number);
const [numbers, batch] = [Number(numbersText), Number(batchText)];
const require = createRequire(join(modules, 'run-onnx.mjs'));
const ort = require('onnxruntime-node');
process.stderr.write(`onnxruntime-node ${require('onnxruntime-node/package.json').version}\n`);

const Numbers = type === 'int64' ? BigInt64Array : Float32Array;
const size = dimensions.reduce((product, side) => product * side, 1);
const exampleBytes = size * Numbers.BYTES_PER_ELEMENT;
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
let pending = [];
let pendingBytes = 0;

async function run(bytes) {
  const count = bytes.length / exampleBytes;
  const given = new Numbers(count * size);
  Buffer.from(given.buffer).set(bytes);
  const outputs = await session.run({ [session.inputNames[0]]: new ort.Tensor(type, given, [count, ...dimensions]) }, [output]);
  const answers = outputs[output].data;
  if (answers.length !== count * numbers) throw new Error(`The model gave ${answers.length} numbers for ${count} examples of ${numbers}.`);
  const answer = Buffer.from(answers.buffer, answers.byteOffset, answers.byteLength);
  if (!process.stdout.write(answer)) await new Promise(resolve => process.stdout.once('drain', resolve));
}

async function drain(isLast) {
  const whole = isLast ? Math.floor(pendingBytes / exampleBytes) : Math.floor(pendingBytes / (batch * exampleBytes)) * batch;
  if (whole === 0) return;
  const bytes = Buffer.concat(pending);
  for (let start = 0; start < whole; start += batch) {
    await run(bytes.subarray(start * exampleBytes, Math.min(start + batch, whole) * exampleBytes));
  }
  pending = [bytes.subarray(whole * exampleBytes)];
  pendingBytes -= whole * exampleBytes;
}

for await (const chunk of process.stdin) {
  pending.push(chunk);
  pendingBytes += chunk.length;
  if (pendingBytes >= batch * exampleBytes) await drain(false);
}
await drain(true);
