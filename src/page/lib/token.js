// The admin token, where the server asks for one: from the address (`#token=…`), or asked for once.
let kept = 0;

/** Kept in a cookie that no other site makes the browser send, so that plain links work too. */
function keep(token) {
  document.cookie = `soda-mock-admin=${token}; Path=/__mock; SameSite=Strict`;
  kept += 1;
}

const given = location.hash.match(/^#token=([\w.~+/=-]+)$/);
if (given) {
  keep(given[1]);
  history.replaceState(null, "", location.pathname + location.search);
}

/** How many tokens were kept so far. */
export const tokensKept = () => kept;

/** Asks the person, unless another request has asked since; whether it is worth another try. */
export function askForToken(known) {
  if (known !== kept) return true;
  const token = prompt("This server asks for its admin token (--admin-token):");
  if (!token || !/^[\w.~+/=-]+$/.test(token)) return false;
  keep(token);
  return true;
}
