// Reflex merges the properties of slotted components, of which this client has none: a plain merge is enough.
export const mergician = (...objects) => Object.assign({}, ...objects);
