-- oldest program: 0.1.0
-- The program that made a call, where it is a known one, by its headers: a label, not proof.
ALTER TABLE interaction
  ADD COLUMN client_name text,
  ADD COLUMN client_version text;
