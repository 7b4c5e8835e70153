// Runs an ONNX model on images that come in on standard input and writes the class probabilities to standard output.
//   node run-onnx.mjs <folder that has node_modules/onnxruntime-node> <model.onnx> <channels> <height> <width> <classes>
// In: float32 [n, channels, height, width], 0 to 1, any number of images. Out: float32 [n, classes].
// First a line on standard error with the runtime's version, for the certificate.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, model, ...numbers] = process.argv.slice(2);
const [channels, height, width, classes] = numbers.map(Number);
const require = createRequire(join(modules, 'run-onnx.mjs'));
const ort = require('onnxruntime-node');
process.stderr.write(`onnxruntime-node ${require('onnxruntime-node/package.json').version}\n`);

const batch = 250;
const imageBytes = 4 * channels * height * width;
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
let pending = [];
let pendingBytes = 0;

async function run(bytes) {
  const count = bytes.length / imageBytes;
  const floats = new Float32Array(count * channels * height * width);
  Buffer.from(floats.buffer).set(bytes);
  const outputs = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', floats, [count, channels, height, width]) });
  const probabilities = outputs.probabilities.data;
  if (probabilities.length !== count * classes) throw new Error(`The model gave ${probabilities.length} numbers for ${count} images of ${classes} classes.`);
  const answer = Buffer.from(probabilities.buffer, probabilities.byteOffset, probabilities.byteLength);
  if (!process.stdout.write(answer)) await new Promise(resolve => process.stdout.once('drain', resolve));
}

async function drain(isLast) {
  const whole = isLast ? Math.floor(pendingBytes / imageBytes) : Math.floor(pendingBytes / (batch * imageBytes)) * batch;
  if (whole === 0) return;
  const bytes = Buffer.concat(pending);
  for (let start = 0; start < whole; start += batch) {
    await run(bytes.subarray(start * imageBytes, Math.min(start + batch, whole) * imageBytes));
  }
  pending = [bytes.subarray(whole * imageBytes)];
  pendingBytes -= whole * imageBytes;
}

for await (const chunk of process.stdin) {
  pending.push(chunk);
  pendingBytes += chunk.length;
  if (pendingBytes >= batch * imageBytes) await drain(false);
}
await drain(true);
