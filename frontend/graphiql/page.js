// GraphiQL on our own gateway: queries over HTTP, subscriptions and what is deferred over Server-Sent Events.
(() => {
  const url = "/graphql";

  const ask = (params, accept, signal) => fetch(url, {
    method: "POST", body: JSON.stringify(params), signal, headers: { "content-type": "application/json", accept },
  });

  // GraphiQL's own parse of the text is late while somebody types.
  const isSubscription = ({ query, operationName }) =>
    new RegExp(`(^|[}\\s])subscription\\s*${operationName ?? ""}\\s*[({@]`).test(query.replace(/#.*$/gm, ""));

  async function* events(params) {
    const control = new AbortController();
    try {
      const { body } = await ask(params, "text/event-stream", control.signal);
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      let waiting = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        const told = (waiting + value).split("\n\n");
        waiting = told.pop();
        for (const event of told) {
          if (event.startsWith("event: complete")) return;
          if (event.startsWith("event: next\n")) yield JSON.parse(event.slice("event: next\ndata: ".length));
        }
      }
    } finally {
      control.abort();
    }
  }

  const fetcher = (params) => isSubscription(params)
    ? events(params)
    : ask(params, "application/graphql-response+json, application/json").then((answer) => answer.json());

  const place = document.getElementById("graphiql");
  ReactDOM.createRoot(place).render(React.createElement(GraphiQL, {
    fetcher, defaultQuery: "# 海岸通\n\nquery {\n  identityViewer {\n    name\n  }\n}\n",
  }));
})();
