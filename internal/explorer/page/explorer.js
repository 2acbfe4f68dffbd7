import { signedFetcher } from './fetcher.js';
import { exampleTabs } from './tabs.js';
import { tokenBar } from './token.js';

const { React, ReactDOM, GraphiQL } = window;
const config = JSON.parse(document.getElementById('config').textContent);
const mount = document.getElementById('graphiql');

if (React && ReactDOM && GraphiQL) {
  start();
} else {
  // A file was not reached, or was not the one that its hash says.
  const notice = mount.firstElementChild;
  notice.textContent = notice.dataset.failed;
}

function start() {
  // What the component below last saw of GraphiQL's inside, for the controls
  // that are outside of it.
  let graphiql;
  const tabs = exampleTabs();

  const token = tokenBar(config.tokens, () => {
    // An endpoint that shows its schema only to who is signed in has just been
    // given a reason to. A schema that is there stays, and with it the place
    // where the reader is in the documentation.
    if (graphiql && !graphiql.schema) graphiql.introspect();
  });

  function Bridge() {
    const editor = GraphiQL.React.useEditorContext({ nonNull: true });
    const { schema, introspect } = GraphiQL.React.useSchemaStore();
    React.useEffect(() => {
      graphiql = { editor, schema, introspect };
      tabs.rendered(editor);
    });
    return null;
  }

  const [first] = config.examples;
  ReactDOM.createRoot(mount).render(
    React.createElement(
      GraphiQL,
      {
        fetcher: signedFetcher(config.endpoint, token),
        defaultTabs: [
          { query: first?.query ?? 'query Hello {\n  __typename\n}\n', variables: first?.variables || null },
        ],
        defaultQuery: '',
        defaultEditorToolsVisibility: true,
        // Ask for all that the documentation can show.
        inputValueDeprecation: true,
        schemaDescription: true,
        // The header editor may hold a token too: it is not to outlive the tab.
        shouldPersistHeaders: false,
        // Other pages of this origin may use GraphiQL as well.
        storage: GraphiQL.createLocalStorage({ namespace: 'tillgraph' }),
      },
      React.createElement(Bridge),
    ),
  );

  const examples = document.getElementById('examples');
  examples?.addEventListener('change', () => {
    const example = config.examples[Number(examples.value)];
    // Back to the title, so that the same example can be opened again.
    examples.value = '';
    if (example && graphiql?.editor.queryEditor) tabs.open(() => graphiql.editor, example);
  });
}
