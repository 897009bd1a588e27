-- What a mail about a login says of the device.
ALTER TABLE dossier_data.outbox ADD COLUMN device text;
COMMENT ON COLUMN dossier_data.outbox.device IS 'Browser and system of a new device, of the few that are known by name: never what a browser says of itself';
