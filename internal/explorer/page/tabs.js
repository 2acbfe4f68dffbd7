// Opening an example in a tab of GraphiQL. Its functions change the editors'
// text while React renders, and an event (a click, a choice in a list) renders
// ahead of what a timer has queued, which React then does over again: text that
// was set in between lands in another tab or is lost. So all that is done here
// waits in line with the timers, and a new tab gets its text once it is there.

/**
 * @returns {{open: Function, rendered: Function}} `open` takes the latest
 * editor context and an example; `rendered` is to be called with the context
 * after each rendering.
 */
export function exampleTabs() {
  let opening = null;

  return {
    open(latest, example) {
      setTimeout(() => {
        const editor = latest();
        const { query } = example;
        const at = editor.tabs.findIndex((tab) => tab.query === query);
        if (at < 0) {
          opening = { example, count: editor.tabs.length };
          editor.addTab();
        } else if (at !== editor.activeTabIndex) {
          remember(editor);
          editor.changeTab(at);
          editor.setOperationName(nameOf(query));
        }
        editor.queryEditor.focus();
      });
    },

    rendered(editor) {
      if (!opening || editor.tabs.length <= opening.count) return;
      const { query, variables } = opening.example;
      opening = null;
      editor.queryEditor.setValue(query);
      editor.variableEditor.setValue(variables);
      remember(editor);
      // GraphiQL finds this out by itself, but a moment later: whoever is
      // quicker would run the new text under the name of the last operation.
      editor.setOperationName(nameOf(query));
    },
  };
}

/** Tells the active tab its text now: by itself it learns it a moment later. */
function remember({ queryEditor, variableEditor, updateActiveTabValues }) {
  updateActiveTabValues({ query: queryEditor.getValue(), variables: variableEditor.getValue() });
}

/** The name of the first operation, null when it has none. */
function nameOf(query) {
  try {
    const { definitions } = window.GraphiQL.GraphQL.parse(query);
    return definitions.find(({ kind }) => kind === 'OperationDefinition')?.name?.value ?? null;
  } catch {
    return null; // under construction: the editor marks the place
  }
}
