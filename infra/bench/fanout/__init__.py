"""One event to many sockets: our gateway, Strawberry as it comes, and graphql-ws on Node."""
