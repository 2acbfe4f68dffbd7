import type { TypedDocumentString } from './gql/graphql.js';

const endpoint = `${process.env.TILLGRAPH ?? 'http://127.0.0.1:8080'}/graphql`;

/** Asks the server, and throws what could not be answered. User errors are data: look at them in the payload. */
export async function ask<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      Accept: 'application/graphql-response+json',
      Authorization: `Bearer ${process.env.TOKEN ?? ''}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ query: document, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: Result; errors?: { message: string }[] };
  if (data === undefined || errors !== undefined) {
    throw new Error(errors?.map((error) => error.message).join('; ') ?? `status ${response.status}`);
  }
  return data;
}
