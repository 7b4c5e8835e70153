// Sends a file to /api/v1/uploads in chunks, and goes on after a dropped connection.
//
//   const upload = send(file, { antiforgery, onProgress, resume });
//   const id = await upload.done;   // the upload's id, to make a dataset of
//   upload.cancel();                // stops it; done rejects with an AbortError, what was received is removed
//   upload.pause();                 // stops it too, but what was received stays: resume with its id
//
//   file         a File or Blob with a name
//   antiforgery  the token that the page was given, sent as RequestVerificationToken; null with --local
//   resume       the id of an upload that was begun earlier, to go on with; it must have the file's name and length
//   onProgress   called with { id, sent, total, bytesPerSecond, secondsLeft, waiting }: bytes that were received, the speed over the last ten seconds
//                (null at first), and while the connection is down the seconds until the next try (else null)
//
//   pending(antiforgery)   the caller's uploads that no dataset was made of yet, complete or not: [{ id, fileName, length, received, ... }]
//
// Errors of the server are Errors whose message is its sentence for people. A connection that is down is tried again for as long as it takes, after 1, 2, 4, ... 30 s.

const chunkBytes = 8 * 1024 * 1024;
const longestPauseSeconds = 30;

export function send(file, { antiforgery = null, onProgress = () => {}, resume = null } = {}) {
  const stop = new AbortController();
  let keeps = false;
  let id = resume;
  const done = run(file, antiforgery, onProgress, resume, stop.signal, (given) => { id = given; }).catch(async (error) => {
    if (stop.signal.aborted && id && !keeps) {
      await fetch(`/api/v1/uploads/${id}`, { method: 'DELETE', headers: headers(antiforgery) }).catch(() => {});
    }
    throw error;
  });
  return {
    done,
    cancel: () => stop.abort(),
    pause: () => { keeps = true; stop.abort(); },
  };
}

export async function pending(antiforgery = null) {
  return answerOf(await fetch('/api/v1/uploads', { headers: headers(antiforgery) }));
}

async function run(file, antiforgery, onProgress, resume, signal, begun) {
  const clock = new Speed();
  const report = (upload, waiting = null) => onProgress({ id: upload.id, sent: upload.received, total: upload.length, waiting, ...clock.at(upload.received, upload.length) });
  const ask = (path, options) => persistently(() => fetch(path, { signal, ...options, headers: { ...headers(antiforgery), ...options?.headers } }), signal, (seconds) => state && report(state, seconds));

  let state = null;
  if (resume) {
    state = await ask(`/api/v1/uploads/${resume}`);
    if (state.fileName !== file.name || state.length !== file.size) {
      throw new Error(`Choose the same file to go on: '${state.fileName}' with ${state.length.toLocaleString('en')} bytes.`);
    }
  } else {
    state = await ask('/api/v1/uploads', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ fileName: file.name, length: file.size }) });
  }
  begun(state.id);
  report(state);

  let failures = 0;
  while (!state.isComplete) {
    signal.throwIfAborted();
    const chunk = await file.slice(state.received, state.received + chunkBytes).arrayBuffer();
    const digest = `sha-256=:${base64(await sha256(chunk))}:`;
    try {
      state = await put(state, chunk, digest, antiforgery, signal, (bytes) => report({ ...state, received: state.received + bytes }));
      failures = 0;
    } catch (error) {
      // Down, damaged on its way, or received without our being told: the server knows how far it has come.
      if (signal.aborted || !error.isPassing) throw error;
      await pause(++failures, signal, (seconds) => report(state, seconds));
      state = await ask(`/api/v1/uploads/${state.id}`);
    }
    report(state);
  }
  return state.id;
}

// By XMLHttpRequest, since fetch does not tell how much of a body was sent.
function put(state, chunk, digest, antiforgery, signal, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener('abort', abort, { once: true });
    request.open('PUT', `/api/v1/uploads/${state.id}?offset=${state.received}`);
    for (const [name, value] of Object.entries({ ...headers(antiforgery), 'Content-Type': 'application/octet-stream', 'Content-Digest': digest })) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onloadend = () => {
      signal.removeEventListener('abort', abort);
      const body = parse(request.responseText);
      if (signal.aborted) reject(signal.reason);
      else if (request.status === 200) resolve(body);
      else reject(errorOf(request.status, body));
    };
    request.send(new Blob([chunk]));
  });
}

// Repeats a request until it is answered; what the server refuses is not asked again.
async function persistently(ask, signal, onWait) {
  for (let failures = 1; ; failures++) {
    try {
      return await answerOf(await ask());
    } catch (error) {
      if (signal.aborted || (error.status && !error.isPassing)) throw error;
      await pause(failures, signal, onWait);
    }
  }
}

async function answerOf(response) {
  const body = parse(await response.text());
  if (!response.ok) throw errorOf(response.status, body);
  return body;
}

function errorOf(status, body) {
  const error = new Error(body?.detail ?? (status === 0 ? 'The connection dropped.' : `The server answered ${status}.`));
  error.status = status;
  const isDamaged = status === 400 && error.message.includes('damaged');
  error.isPassing = status === 0 || status === 408 || status === 409 || status === 429 || status === 502 || status === 503 || status === 504 || isDamaged;
  return error;
}

async function pause(failures, signal, onWait) {
  const seconds = Math.min(longestPauseSeconds, 2 ** (failures - 1));
  for (let left = seconds; left > 0; left--) {
    onWait(left);
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => { signal.removeEventListener('abort', abort); resolve(); }, 1000);
      const abort = () => { clearTimeout(timer); reject(signal.reason); };
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}

const headers = (antiforgery) => (antiforgery ? { RequestVerificationToken: antiforgery } : {});

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

class Speed {
  #points = [];

  at(sent, total) {
    const now = performance.now();
    this.#points.push({ now, sent });
    while (this.#points.length > 2 && now - this.#points[0].now > 10_000) this.#points.shift();
    const first = this.#points[0];
    const bytesPerSecond = now - first.now > 500 && sent > first.sent ? (1000 * (sent - first.sent)) / (now - first.now) : null;
    return { bytesPerSecond, secondsLeft: bytesPerSecond && (total - sent) / bytesPerSecond };
  }
}

async function sha256(buffer) {
  // Browsers keep crypto.subtle from pages that came over plain HTTP from another machine.
  return new Uint8Array(globalThis.crypto?.subtle ? await crypto.subtle.digest('SHA-256', buffer) : sha256Here(buffer));
}

// FIPS 180-4.
const firstPrimes = (count) => {
  const primes = [];
  for (let number = 2; primes.length < count; number++) if (primes.every((prime) => number % prime)) primes.push(number);
  return primes;
};
const fraction = (number) => ((number - Math.floor(number)) * 2 ** 32) | 0;
const roundConstants = Int32Array.from(firstPrimes(64), (prime) => fraction(Math.cbrt(prime)));

export function sha256Here(buffer) {
  const length = buffer.byteLength;
  const padded = new Uint8Array(Math.ceil((length + 9) / 64) * 64);
  padded.set(new Uint8Array(buffer));
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(length / 2 ** 29));
  view.setUint32(padded.length - 4, (length * 8) >>> 0);
  const hash = Int32Array.from(firstPrimes(8), (prime) => fraction(Math.sqrt(prime)));
  const words = new Int32Array(64);
  const turn = (word, bits) => (word >>> bits) | (word << (32 - bits));
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const [a, b] = [words[i - 15], words[i - 2]];
      words[i] = (words[i - 16] + words[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let i = 0; i < 64; i++) {
      const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + roundConstants[i] + words[i]) | 0;
      const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { hash[i] = (hash[i] + value) | 0; });
  }
  const bytes = new DataView(new ArrayBuffer(32));
  hash.forEach((word, i) => bytes.setInt32(4 * i, word));
  return bytes.buffer;
}
