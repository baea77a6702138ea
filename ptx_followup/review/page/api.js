/** What the server answers. Addresses are relative: the page's own address holds the token. */

const WORDS = {
  0: "The server does not answer.",
  404: "The server does not know this page any more. Open the address that ptx review prints now; strokes are kept as a draft.",
};

/** A request that was refused, or (status 0) that met no server. */
export class Refused extends Error {
  constructor(status, answer = {}) {
    super(answer.problem ?? WORDS[status] ?? `The server refused (${status}).`);
    Object.assign(this, { status, answer, hint: answer.hint ?? "" });
  }
}

async function asked(address, options) {
  let response;
  try {
    response = await fetch(`api/${address}`, { cache: "no-store", ...options });
  } catch {
    throw new Refused(0);
  }
  if (!response.ok) throw new Refused(response.status, await response.json().catch(() => ({})));
  return response;
}

export async function get(address) {
  return (await asked(address)).json();
}

export async function bytes(address) {
  return (await asked(address)).arrayBuffer();
}

export async function picture(address) {
  return (await asked(address)).blob();
}

export async function post(address, body = {}) {
  const response = await asked(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}
