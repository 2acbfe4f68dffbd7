import { Environment, Network, RecordSource, Store } from 'relay-runtime';

const endpoint = `${process.env.TILLGRAPH ?? 'http://127.0.0.1:8080'}/graphql`;

/** An environment whose operations are named by their hash: the server knows their text from persisted.json. */
export const environment = new Environment({
  network: Network.create(async ({ id }, variables) => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        Accept: 'application/graphql-response+json',
        Authorization: `Bearer ${process.env.TOKEN ?? ''}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ documentId: id, variables }),
    });
    return response.json();
  }),
  store: new Store(new RecordSource()),
});
