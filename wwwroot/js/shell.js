// What every page needs of the browser, live or not: colours, times, copying, dialogs, searching as one types, words in a corner.

const root = document.documentElement;

// ---- colours

const chosen = () => root.dataset.theme ?? 'system';

function showTheme() {
  for (const button of document.querySelectorAll('[data-theme-choice]')) {
    button.setAttribute('aria-pressed', String(button.dataset.themeChoice === chosen()));
  }
}

function chooseTheme(choice) {
  if (choice === 'system') {
    delete root.dataset.theme;
    localStorage.removeItem('theme');
  } else {
    root.dataset.theme = choice;
    localStorage.setItem('theme', choice);
  }
  showTheme();
  document.dispatchEvent(new Event('themechange'));
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => document.dispatchEvent(new Event('themechange')));

// ---- times, in the words of AgoText

function length(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  const days = Math.floor(seconds / 86400);
  return days === 1 ? '1 day' : `${days} days`;
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

function ago(at) {
  const seconds = (Date.now() - at) / 1000;
  if (Math.abs(seconds) < 5) return 'just now';
  if (Math.abs(seconds) >= 30 * 86400) return day.format(at);
  return seconds > 0 ? `${length(seconds)} ago` : `in ${length(-seconds)}`;
}

function showTimes() {
  for (const time of document.querySelectorAll('time[data-ago]')) {
    const at = new Date(time.dateTime);
    const words = ago(at);
    // The text node is kept: Blazor changes it in place.
    if (time.firstChild && time.firstChild.data !== words) time.firstChild.data = words;
    time.title = exact.format(at);
  }
}

// ---- words in a corner

export function say(text) {
  let corner = document.getElementById('said');
  if (!corner) {
    corner = document.createElement('div');
    corner.id = 'said';
    corner.setAttribute('role', 'status');
    corner.setAttribute('aria-live', 'polite');
    document.body.append(corner);
  }
  const line = document.createElement('div');
  line.textContent = text;
  corner.append(line);
  setTimeout(() => line.remove(), Math.max(4000, text.length * 70));
}

// ---- dialogs

export function openDialog(dialog) {
  if (!dialog.open) dialog.showModal();
}

export function closeDialog(dialog) {
  dialog.close();
}

// ---- what is pressed and typed

document.addEventListener('click', async event => {
  const target = event.target.closest('[data-theme-choice], [data-copy], [data-close-dialog], [data-reload]');
  if (!target) {
    // A menu closes when something else is pressed.
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
    return;
  }
  if (target.dataset.themeChoice) chooseTheme(target.dataset.themeChoice);
  else if (target.dataset.copy !== undefined) {
    try {
      await navigator.clipboard.writeText(target.dataset.copy);
      say('Copied.');
    } catch {
      say('The browser did not allow copying; mark the text and copy it by hand.');
    }
  } else if (target.dataset.reload !== undefined) location.reload();
  else target.closest('dialog').close();
});

document.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});

let typing;
document.addEventListener('input', event => {
  const form = event.target.closest('form[data-search]');
  if (!form) return;
  // Read now: when a circuit takes the page over, this form is another.
  const filled = [...new FormData(form)].filter(([, value]) => value !== '');
  const query = new URLSearchParams(filled).toString();
  clearTimeout(typing);
  typing = setTimeout(() => Blazor.navigateTo(location.pathname + (query && `?${query}`), { replaceHistoryEntry: true }), 300);
});

// ---- parts of pages that have a script of their own: data-module names it, its start gets the element

const started = new WeakSet();

function startModules() {
  for (const element of document.querySelectorAll('[data-module]')) {
    if (started.has(element)) continue;
    started.add(element);
    import(element.dataset.module).then(module => module.start(element));
  }
}

// ---- pages come and go without loading anew

function show() {
  startModules();
  showTheme();
  showTimes();
}

let patching = false;
new MutationObserver(() => {
  if (patching) return;
  patching = true;
  requestAnimationFrame(() => {
    patching = false;
    show();
  });
}).observe(document.body, { childList: true, subtree: true });
setInterval(showTimes, 5000);
show();

document.getElementById('components-reconnect-modal')?.addEventListener('components-reconnect-state-changed', event => {
  // The server has forgotten the page's circuit; all that matters is in the address.
  if (event.detail?.state === 'rejected' || event.detail?.state === 'resume-failed') location.reload();
});
