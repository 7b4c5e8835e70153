// Applies the colours that were chosen before anything is painted; a classic script in the head, so that the page waits for it.
(() => {
  const choice = localStorage.getItem('theme');
  if (choice === 'light' || choice === 'dark') document.documentElement.dataset.theme = choice;
})();
