// The form of /benchmarks/new: sends the chosen files, then asks for the table and shows its page.
import { send } from './upload.js';

const size = bytes => {
  for (const [unit, name] of [[1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']]) {
    if (bytes >= unit) return `${Number((bytes / unit).toPrecision(3))} ${name}`;
  }
  return `${bytes} bytes`;
};

export function start(form) {
  const part = name => form.querySelector(`[data-${name}]`);
  const antiforgery = form.dataset.antiforgery || null;
  const [picker, drop, prompt, problem, sending, bar, meter, words, fields, submit] =
    ['file', 'drop', 'prompt', 'problem', 'sending', 'bar', 'meter', 'words', 'fields', 'submit'].map(part);
  let files = [];
  let going = null; // what ends the sending or the checking that is going on
  const sent = new Map(); // uploads by file: they need not be sent again when something else was wrong

  const headers = { 'Content-Type': 'application/json', ...(antiforgery ? { RequestVerificationToken: antiforgery } : {}) };

  const fail = message => {
    problem.textContent = message;
    problem.hidden = !message;
  };

  const busy = is => {
    fields.disabled = is;
    picker.disabled = is;
    sending.hidden = !is;
  };

  function choose(chosen) {
    files = [...chosen];
    fail('');
    prompt.textContent = files.map(file => `${file.name}, ${size(file.size)}`).join(' · ');
    submit.disabled = false;
  }

  function show(before, total, { sent: bytes }) {
    const share = total ? (before + bytes) / total : 0;
    bar.style.width = `${100 * share}%`;
    meter.value = share;
    words.textContent = `${size(before + bytes)} of ${size(total)}`;
  }

  async function sendAll() {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    let before = 0;
    for (const file of files) {
      if (!sent.has(file)) {
        const from = before;
        const upload = send(file, { antiforgery, onProgress: progress => show(from, total, progress) });
        going = () => upload.cancel();
        sent.set(file, await upload.done);
      }
      before += file.size;
    }
  }

  async function ask(order) {
    const stop = new AbortController();
    going = () => stop.abort();
    const response = await fetch('/api/v1/benchmarks', { method: 'POST', headers, body: JSON.stringify(order), signal: stop.signal });
    const answer = await response.json().catch(() => null);
    if (!response.ok) throw new Error(answer?.detail ?? `The server answered ${response.status}. Try it again.`);
    location.assign(`/benchmarks/${encodeURIComponent(answer.name)}`);
  }

  function order() {
    const value = name => form.elements[name].value.trim() || null;
    const lines = (value('settings') ?? '').split('\n').map(line => line.trim()).filter(line => line);
    for (const line of lines) {
      if (!/^[^=\s]+\s*=/.test(line)) throw new Error(`'${line}' is no setting; write it as name=value.`);
    }
    const settings = lines.map(line => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]);
    return { name: value('name'), space: value('space'), spaceSettings: settings.length ? Object.fromEntries(settings) : null };
  }

  async function add() {
    if (!form.reportValidity()) return;
    fail('');
    busy(true);
    try {
      const given = order();
      await sendAll();
      words.textContent = 'All arrived. Every row is being checked; a large table takes minutes.';
      await ask({ ...given, uploads: files.map(file => sent.get(file)) });
    } catch (error) {
      busy(false);
      if (error.name !== 'AbortError') fail(error.message);
    }
  }

  picker.addEventListener('change', () => picker.files.length && choose(picker.files));
  for (const type of ['dragover', 'dragleave', 'drop']) {
    drop.addEventListener(type, event => {
      event.preventDefault();
      drop.toggleAttribute('data-over', type === 'dragover');
      if (type === 'drop' && !picker.disabled && event.dataTransfer.files.length) choose(event.dataTransfer.files);
    });
  }
  form.addEventListener('submit', event => {
    event.preventDefault();
    add();
  });
  part('cancel').addEventListener('click', () => going?.());
}
