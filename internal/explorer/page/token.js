// The token field and the demo roles. The token lives in this tab only
// (sessionStorage): not in an address, not in what the next tab sees.

const TOKEN = 'tillgraph.explorer.token';
const ROLE = 'tillgraph.explorer.role';

/**
 * @param {{label: string, description: string, token: string}[]} roles
 * @param {() => void} onChange called after each change of the token
 * @returns {() => string} the token to send, empty for none
 */
export function tokenBar(roles, onChange) {
  const field = document.getElementById('token');
  const show = document.getElementById('token-show');
  const clear = document.getElementById('token-clear');
  const note = document.getElementById('role-note');
  const buttons = [...document.querySelectorAll('[data-token]')];
  const roleOf = (button) => roles[Number(button.dataset.token)];

  const current = () => field.value.trim().replace(/^bearer\s+/i, '');
  const chosen = () => roles.find((role) => role.token === current());

  const explain = (role) => {
    if (!note) return;
    note.textContent = role?.description ?? (current() ? 'A token of your own.' : 'No token: pick a role to sign in.');
  };

  const refresh = () => {
    for (const button of buttons) {
      button.setAttribute('aria-pressed', String(current() !== '' && roleOf(button) === chosen()));
    }
    clear.hidden = field.value === '';
    explain(chosen());
  };

  const changed = () => {
    sessionStorage.setItem(TOKEN, current());
    sessionStorage.setItem(ROLE, chosen()?.label ?? '');
    refresh();
    onChange();
  };

  // A restarted demo server has new tokens: who was signed in as a role stays
  // that role, rather than holding a token that has stopped working.
  const role = roles.find(({ label }) => label === sessionStorage.getItem(ROLE));
  field.value = role?.token ?? sessionStorage.getItem(TOKEN) ?? '';
  refresh();

  field.addEventListener('input', changed);
  clear.addEventListener('click', () => {
    field.value = '';
    changed();
    field.focus();
  });
  show.addEventListener('click', () => {
    const hidden = field.type === 'password';
    field.type = hidden ? 'text' : 'password';
    show.textContent = hidden ? 'Hide' : 'Show';
    show.setAttribute('aria-pressed', String(hidden));
  });
  for (const button of buttons) {
    button.addEventListener('click', () => {
      field.value = roleOf(button).token;
      changed();
    });
    for (const event of ['mouseenter', 'focus']) button.addEventListener(event, () => explain(roleOf(button)));
    for (const event of ['mouseleave', 'blur']) button.addEventListener(event, () => explain(chosen()));
  }

  return current;
}
