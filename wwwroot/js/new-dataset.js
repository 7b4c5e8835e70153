// The form of /datasets/new: sends the chosen file, then asks for the dataset and shows its page.
import { pending, send } from './upload.js';

const size = bytes => {
  for (const [unit, name] of [[1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']]) {
    if (bytes >= unit) return `${Number((bytes / unit).toPrecision(3))} ${name}`;
  }
  return `${bytes} bytes`;
};

const left = seconds => (seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`);

// Which options concern a file, by what is to be learnt or else by its ending; an archive may hold anything.
function kindsOf(fileName, task) {
  const byTask = {
    ImageClassification: ['images'], SequenceClassification: [], Forecasting: ['forecast'], TabularClassification: ['table'], TabularRegression: ['table'], LanguageModelling: ['text'],
  };
  if (task) return byTask[task];
  if (!fileName) return [];
  const ending = fileName.toLowerCase().replace(/\.gz$/, '').match(/\.[a-z]+$/)?.[0];
  if (['.csv', '.tsv'].includes(ending)) return ['table', 'forecast'];
  if (['.txt', '.text', '.tokens'].includes(ending)) return ['text'];
  if (['.ts', '.arff'].includes(ending)) return [];
  return ['.zip', '.tar', '.tgz'].includes(ending) ? ['images', 'table', 'forecast', 'text'] : ['images'];
}

export function start(form) {
  const part = name => form.querySelector(`[data-${name}]`);
  const antiforgery = form.dataset.antiforgery || null;
  const [picker, drop, prompt, problem, sending, bar, meter, words, fields, submit] =
    ['file', 'drop', 'prompt', 'problem', 'sending', 'bar', 'meter', 'words', 'fields', 'submit'].map(part);
  let file = null;
  let upload = null;
  let begun = null; // the id of an upload that was paused or not finished: gone on with when the same file is sent
  let named = false;

  const fail = message => {
    problem.textContent = message;
    problem.hidden = !message;
  };

  const leaving = event => event.preventDefault();
  const busy = is => {
    fields.disabled = is;
    picker.disabled = is;
    sending.hidden = !is;
    (is ? addEventListener : removeEventListener)('beforeunload', leaving);
  };

  // Shows the options that concern the file; those that do not are neither checked nor sent.
  function suit() {
    const kinds = kindsOf(file?.name ?? '', form.elements.task.value);
    for (const part of form.querySelectorAll('[data-for]')) {
      part.hidden = !kinds.includes(part.dataset.for);
      for (const input of part.querySelectorAll('input, select, textarea')) input.disabled = part.hidden;
    }
  }

  async function choose(chosen) {
    file = chosen;
    begun = null;
    fail('');
    prompt.textContent = `${file.name}, ${size(file.size)}`;
    submit.disabled = false;
    suit();
    if (!named) form.elements.name.value = file.name.replace(/(\.(zip|tar|tgz|gz|csv|tsv|bin|txt|text|tokens|ts|arff))+$/i, '').replace(/[._-]train(ing)?$/i, '').replace(/\s+/g, '-').slice(0, 64);
    try {
      const same = (await pending(antiforgery)).find(known => known.fileName === file.name && known.length === file.size);
      if (same && same.received > 0) {
        begun = same.id;
        prompt.textContent += same.isComplete ? ': all of it arrived before' : `: ${size(same.received)} of it arrived before, and need not be sent again`;
      }
    } catch {
      // Then it is sent from the beginning.
    }
  }

  function show({ id, sent, total, bytesPerSecond, secondsLeft, waiting }) {
    begun = id;
    const share = total ? sent / total : 0;
    bar.style.width = `${100 * share}%`;
    meter.value = share;
    const speed = bytesPerSecond ? `, ${size(bytesPerSecond)} a second` : '';
    const rest = secondsLeft ? `, ${left(secondsLeft)} left` : '';
    words.textContent = waiting ? `${size(sent)} of ${size(total)}. The connection is down; next try in ${waiting} s` : `${size(sent)} of ${size(total)}${speed}${rest}`;
  }

  async function ask(order) {
    const response = await fetch('/api/v1/datasets', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(antiforgery ? { RequestVerificationToken: antiforgery } : {}) },
      body: JSON.stringify(order),
    });
    if (!response.ok) {
      const answer = await response.json().catch(() => null);
      throw new Error(answer?.detail ?? `The server answered ${response.status}. Try it again.`);
    }
    removeEventListener('beforeunload', leaving);
    location.assign(`/datasets/${encodeURIComponent(order.name)}`);
  }

  function options() {
    const value = name => (form.elements[name].disabled ? '' : form.elements[name].value.trim());
    const number = name => (value(name) === '' ? null : Number(value(name)));
    const share = name => (value(name) === '' ? null : Number(value(name)) / 100);
    const list = (name, separator) => value(name).split(separator).map(part => part.trim()).filter(part => part);
    const names = list('classNames', '\n');
    const targets = list('targets', ',');
    const [train, validation, test] = list('rows', ',').map(Number);
    return {
      task: value('task') || null,
      width: number('width'), height: number('height'), fit: value('fit') || null, channels: number('channels'),
      label: value('label') || null, categories: number('categories'),
      steps: number('history') ?? number('steps'), horizon: number('horizon'), targets: targets.length ? targets : null, rows: train ? { train, validation, test } : null,
      characters: value('tokens') === 'characters', vocabulary: number('vocabulary'),
      validationFraction: share('validationFraction'), testFraction: share('testFraction'), seed: number('seed'),
      classNames: names.length ? names : null,
    };
  }

  async function add() {
    if (!form.reportValidity()) return;
    const order = { name: form.elements.name.value.trim(), visibility: form.elements.visibility.value, options: options() };
    fail('');
    busy(true);
    try {
      // Better known before a large file is sent than after.
      const path = `/api/v1/datasets/${encodeURIComponent(order.name)}`;
      if ((await fetch(path).catch(() => null))?.ok) throw new Error(`There is a dataset '${order.name}' already; choose another name or remove it first.`);
      upload = send(file, { antiforgery, resume: begun, onProgress: show });
      order.upload = await upload.done;
      words.textContent = 'All arrived.';
      await ask(order);
    } catch (error) {
      busy(false);
      if (error.name === 'AbortError') return;
      fail(error.message);
    }
  }

  suit();
  form.elements.task.addEventListener('change', suit);
  picker.addEventListener('change', () => picker.files[0] && choose(picker.files[0]));
  form.elements.name.addEventListener('input', () => { named = true; });
  for (const type of ['dragover', 'dragleave', 'drop']) {
    drop.addEventListener(type, event => {
      event.preventDefault();
      drop.toggleAttribute('data-over', type === 'dragover');
      if (type === 'drop' && !picker.disabled && event.dataTransfer.files[0]) choose(event.dataTransfer.files[0]);
    });
  }
  form.addEventListener('submit', event => {
    event.preventDefault();
    add();
  });
  part('pause').addEventListener('click', () => {
    upload.pause();
    submit.textContent = 'Go on sending';
  });
  part('cancel').addEventListener('click', () => {
    upload.cancel();
    begun = null;
    submit.textContent = 'Add the dataset';
  });
  for (const button of form.querySelectorAll('[data-known]')) {
    button.addEventListener('click', async () => {
      button.disabled = true;
      fail('');
      try {
        await ask({ name: button.dataset.known, visibility: 'team' });
      } catch (error) {
        button.disabled = false;
        fail(error.message);
      }
    });
  }
}
