/**
 * A GraphiQL fetcher that posts JSON and signs each request with the token of
 * that moment.
 *
 * @param {string} endpoint
 * @param {() => string} token
 */
export function signedFetcher(endpoint, token) {
  return async (operation, options) => {
    const headers = new Headers({
      Accept: 'application/json',
      'Content-Type': 'application/json',
    });
    const bearer = token();
    if (bearer) headers.set('Authorization', `Bearer ${bearer}`);
    // What is written in the header editor is meant: it wins.
    for (const [name, value] of Object.entries(options?.headers ?? {})) {
      headers.set(name, String(value));
    }

    const response = await fetch(endpoint, {
      method: 'POST',
      headers,
      body: JSON.stringify(operation),
    });
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      // A proxy's error page, or nothing at all. Saying so beats what the JSON
      // parser would say about it.
      throw new Error(`${response.status} ${response.statusText}: ${text.slice(0, 500) || 'empty answer'}`);
    }
  };
}
