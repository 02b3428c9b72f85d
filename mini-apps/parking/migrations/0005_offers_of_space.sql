-- An owner's own file holds what each space was ever offered for.
CREATE INDEX offer_space ON parking.offer (space_id);
