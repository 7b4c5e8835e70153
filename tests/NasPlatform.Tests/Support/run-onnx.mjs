// Runs exported ONNX models with onnxruntime-node.
// Arguments: the folder whose node_modules holds the package, and a JSON file with a list of
// {model, images, shape: [count, channels, height, width], tokens, output}: the images file is float32 in 0..1, or token numbers, and
// the output file becomes the logits and then the probabilities, float32.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [packages, runsFile] = process.argv.slice(2);
const ort = createRequire(join(packages, "package.json"))("onnxruntime-node");

for (const run of JSON.parse(readFileSync(runsFile, "utf8"))) {
  const session = await ort.InferenceSession.create(run.model, { intraOpNumThreads: 1 });
  const bytes = readFileSync(run.images);
  const images = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const examples = run.tokens ? new ort.Tensor("int64", BigInt64Array.from(images, BigInt), run.shape) : new ort.Tensor("float32", images, run.shape);
  const { logits, probabilities } = await session.run({ [run.tokens ? "tokens" : "image"]: examples });
  const parts = [logits, probabilities].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  writeFileSync(run.output, Buffer.concat(parts));
}
