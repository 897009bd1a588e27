-- The privacy notices, and who has agreed to which.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE notice (
    kind         text CHECK (kind IN ('portal', 'dossier')),
    version      text,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (kind, version)
);
COMMENT ON TABLE notice IS
    'Versions of the privacy notices; the latest published_at not in the future is the current one';

-- A published text is never changed: a new version is a new row.
INSERT INTO notice (kind, version, published_at) VALUES
    ('portal', '2026-01', '2026-01-01T00:00:00Z'),
    ('dossier', '2026-01', '2026-01-01T00:00:00Z');

CREATE TABLE notice_text (
    kind     text,
    version  text,
    language text CHECK (language IN ('it', 'en')),
    title    text NOT NULL,
    body     text NOT NULL,
    PRIMARY KEY (kind, version, language),
    FOREIGN KEY (kind, version) REFERENCES notice
);
COMMENT ON TABLE notice_text IS
    'What a notice says; plain text, empty lines part paragraphs. Never '
    'changed once published: consents point at it';

INSERT INTO notice_text (kind, version, language, title, body) VALUES
('portal', '2026-01', 'it', 'Informativa sul portale per il ritiro dei referti',
$text$Questa informativa, resa ai sensi dell'articolo 13 del Regolamento (UE) 2016/679 (GDPR), spiega come vengono trattati i Suoi dati quando si registra a questo portale e lo utilizza. La consultazione dei Suoi referti è descritta in una seconda informativa, che Le sarà mostrata quando attiverà il dossier.

Chi tratta i dati. Titolare del trattamento è la struttura sanitaria del Gruppo Mantova Salus presso la quale è stata accettata la Sua prestazione. I suoi recapiti e quelli del responsabile della protezione dei dati sono pubblicati nel sito della struttura e si possono chiedere allo sportello di accettazione.

Quali dati. Trattiamo i dati che scrive nel Suo profilo (nome, cognome, data e luogo di nascita, codice fiscale, numero di cellulare, indirizzo e-mail), la password, che conserviamo soltanto in una forma da cui non si può risalire all'originale, la lingua scelta, i consensi che ha dato e la loro data, l'indirizzo di rete e il tipo di programma con cui si collega, l'ora e l'esito di ogni accesso.

Perché e su quale base. I dati servono a creare il Suo account, ad accertare che sia davvero Lei a chiederlo, a farLa accedere e ad avvisarLa quando un documento è pronto. La base giuridica è il Suo consenso. Le registrazioni degli accessi servono inoltre a proteggere il servizio e a dimostrare chi ha consultato i dati, come la legge richiede alla struttura.

Come accertiamo la Sua identità. Il codice di verifica parte soltanto se il codice fiscale e il cellulare che indica coincidono con quelli dati all'accettazione. La risposta che vede è la stessa in ogni caso, così che nessuno possa scoprire, provando, chi è paziente della struttura.

Facoltà di scelta. Registrarsi è facoltativo. Senza registrazione può sempre ritirare i referti allo sportello: le cure non cambiano in alcun modo. Può revocare il consenso in qualsiasi momento; la revoca non tocca quanto fatto prima.

SMS ed e-mail. I messaggi che Le inviamo contengono un codice oppure l'avviso che sono disponibili nuovi documenti. Non contengono mai nomi, reparti, esami o altre notizie sulla salute.

Chi può conoscere i dati. Il personale della struttura autorizzato alla gestione del servizio e i fornitori che lo rendono possibile (gestione informatica, invio di SMS ed e-mail), nominati responsabili del trattamento e vincolati da contratto. I dati non sono diffusi, non sono ceduti e non sono trasferiti fuori dallo Spazio economico europeo. Nessuna decisione è presa in modo automatico.

Per quanto tempo. I dati del profilo restano finché mantiene l'account. Una registrazione non conclusa è cancellata entro tre giorni. Le registrazioni degli accessi e delle operazioni sono conservate per almeno ventiquattro mesi, perché Lei e la struttura possiate sapere chi ha fatto che cosa.

I Suoi diritti. Può chiedere alla struttura di accedere ai Suoi dati, di rettificarli, di cancellarli, di limitarne il trattamento, di riceverli in un formato leggibile da un elaboratore, e può opporsi al trattamento (articoli da 15 a 22 del GDPR). Può presentare reclamo al Garante per la protezione dei dati personali, piazza Venezia 11, 00187 Roma, www.garanteprivacy.it.$text$),

('portal', '2026-01', 'en', 'Notice on the portal for collecting reports',
$text$This notice, given under article 13 of Regulation (EU) 2016/679 (GDPR), explains how your data are handled when you register with this portal and use it. Reading your reports is described in a second notice, which you will be shown when you activate the dossier.

Who handles the data. The controller is the health facility of the Gruppo Mantova Salus where your visit was accepted. Its contacts and those of its data protection officer are published on the facility's web site and can be asked for at the acceptance desk.

Which data. We handle what you write in your profile (first and last name, date and place of birth, codice fiscale, mobile number, e-mail address), the password, which we keep only in a form from which the original cannot be worked out, the language you chose, the consents you gave and their date, the network address and kind of program you connect with, and the time and result of each access.

Why, and on which basis. The data serve to create your account, to make sure that it is really you who asks for it, to let you in, and to tell you when a document is ready. The legal basis is your consent. The records of accesses also serve to protect the service and to show who consulted the data, as the law demands of the facility.

How we make sure of your identity. The verification code leaves only if the codice fiscale and the mobile number you give are those given at acceptance. The answer you see is the same in every case, so that nobody can find out by trying who is a patient of the facility.

Your choice. Registering is voluntary. Without it you can always collect your reports at the desk: your care does not change in any way. You may withdraw your consent at any time; this does not affect what was done before.

SMS and e-mail. The messages we send hold either a code or the news that documents are available. They never hold names, wards, examinations or anything else about health.

Who may see the data. The facility's staff in charge of the service, and the suppliers who make it possible (computer systems, sending of SMS and e-mail), appointed as processors and bound by contract. The data are not made public, not passed on, and not transferred outside the European Economic Area. No decision is taken automatically.

For how long. The data of your profile stay as long as you keep the account. A registration that was not completed is deleted within three days. The records of accesses and operations are kept for at least twenty-four months, so that you and the facility can know who did what.

Your rights. You may ask the facility for access to your data, for their correction, deletion or restriction, to receive them in a form that a computer can read, and you may object to their handling (articles 15 to 22 GDPR). You may lodge a complaint with the Garante per la protezione dei dati personali, piazza Venezia 11, 00187 Roma, www.garanteprivacy.it.$text$),

('dossier', '2026-01', 'it', 'Informativa sul dossier dei referti in linea',
$text$Questa informativa, resa ai sensi dell'articolo 13 del Regolamento (UE) 2016/679 (GDPR), spiega che cosa accade ai Suoi documenti sanitari, o a quelli del familiare per cui attiva il dossier, quando sceglie di riceverli in linea. Completa quella sul portale, che resta valida.

Chi tratta i dati. Titolare del trattamento è la struttura sanitaria del Gruppo Mantova Salus che ha emesso il documento. I suoi recapiti e quelli del responsabile della protezione dei dati sono pubblicati nel sito della struttura.

Quali documenti. Nel dossier compaiono i referti e gli altri documenti clinici che le strutture del gruppo pubblicano per la persona indicata: esami di laboratorio, immagini e relativi referti, visite, lettere di dimissione. Alcuni esami, che la legge o la prudenza vogliono consegnati di persona e spiegati da un medico, possono non essere pubblicati.

Perché e su quale base. I documenti sono messi in linea solo perché Lei possa leggerli, scaricarli e mostrarli a chi crede. La base giuridica è il Suo consenso esplicito (articolo 9, paragrafo 2, lettera a, del GDPR). Il dossier non è il Fascicolo Sanitario Elettronico della Regione e non viene consultato dai medici al Suo posto.

Facoltà di scelta. Attivare il dossier è facoltativo e gratuito. Se non lo attiva, ritira i documenti allo sportello come sempre e nulla cambia nelle Sue cure. Dopo averlo attivato può sospendere il servizio, riprenderlo o revocare il consenso in qualsiasi momento.

Il codice di attivazione. È stampato sul modulo consegnato all'accettazione, vale per una sola persona e una sola volta. Lo custodisca come una chiave: chi lo possiede, insieme al codice fiscale e a un account verificato, può aprire il dossier. Se lo perde, ne chieda uno nuovo allo sportello; quello vecchio smette di funzionare.

Un familiare. Può attivare il dossier di un'altra persona soltanto se ne ha titolo, ad esempio come genitore di un minore, tutore, amministratore di sostegno o persona delegata. Chi diventa maggiorenne, o ritira la delega, può chiedere alla struttura di chiudere l'accesso altrui.

Per quanto tempo. Ogni documento è leggibile per sessanta giorni al massimo dalla pubblicazione, o per il tempo più breve scelto dalla struttura, indicato accanto al documento. Da quell'istante non è più leggibile e la chiave che lo cifra viene distrutta. Lo scarichi se vuole conservarlo: la struttura ne tiene comunque l'originale nei propri archivi, secondo la legge. Se un referto viene corretto, la nuova versione sostituisce la precedente ed è segnalata come tale.

Come sono protetti. Ogni documento è cifrato con una chiave propria e viene mostrato solo a chi ha attivato il dossier di quella persona. Ogni lettura, attivazione, consenso e rifiuto è registrato, e la struttura conserva queste registrazioni per almeno ventiquattro mesi. La struttura che ha emesso il documento può vedere se e quando è stato aperto, per ricordarLe di ritirarlo.

Una copia sul Suo dispositivo. Un documento scaricato è affidato a Lei: su un computer o un telefono usato da altri, lo cancelli dopo averlo letto ed esca dal portale.

Chi può conoscere i dati. Il personale autorizzato della struttura e i fornitori che gestiscono il servizio per suo conto, vincolati da contratto. I documenti non sono diffusi, non sono ceduti e non lasciano lo Spazio economico europeo. Gli avvisi per SMS ed e-mail dicono soltanto che vi sono nuovi documenti.

I Suoi diritti. Può chiedere accesso, rettifica, cancellazione, limitazione e portabilità dei dati, chiedere l'oscuramento di un documento e opporsi al trattamento (articoli da 15 a 22 del GDPR), rivolgendosi alla struttura. Può presentare reclamo al Garante per la protezione dei dati personali, piazza Venezia 11, 00187 Roma, www.garanteprivacy.it.$text$),

('dossier', '2026-01', 'en', 'Notice on the dossier of online reports',
$text$This notice, given under article 13 of Regulation (EU) 2016/679 (GDPR), explains what happens to your health documents, or to those of the relative whose dossier you activate, when you choose to receive them online. It adds to the notice on the portal, which remains valid.

Who handles the data. The controller is the health facility of the Gruppo Mantova Salus that issued the document. Its contacts and those of its data protection officer are published on the facility's web site.

Which documents. The dossier shows the reports and other clinical documents that the facilities of the group publish for the person concerned: laboratory tests, images and their reports, outpatient visits, discharge letters. Some results, which law or prudence wants handed over in person and explained by a doctor, may not be published.

Why, and on which basis. Documents are put online only so that you can read them, download them and show them to whom you please. The legal basis is your explicit consent (article 9, paragraph 2, letter a GDPR). The dossier is not the region's Fascicolo Sanitario Elettronico, and no doctor consults it in your place.

Your choice. Activating the dossier is voluntary and free of charge. If you do not, you collect your documents at the desk as ever, and nothing changes in your care. Once it is active you may suspend the service, resume it, or withdraw your consent at any time.

The activation code. It is printed on the slip handed out at acceptance, and is good for one person and once only. Keep it like a key: whoever has it, together with the codice fiscale and a verified account, can open the dossier. If you lose it, ask for a new one at the desk; the old one stops working.

A relative. You may activate another person's dossier only if you are entitled to, for example as parent of a minor, guardian, court-appointed supporter or delegate. Whoever comes of age, or withdraws the delegation, may ask the facility to close the other's access.

For how long. Each document can be read for sixty days at most from its publication, or for the shorter time chosen by the facility, shown beside the document. From that instant it can no longer be read, and the key that encrypts it is destroyed. Download it if you wish to keep it: the facility keeps the original in its own archives in any case, as the law demands. If a report is corrected, the new version takes the place of the one before and is marked as such.

How they are protected. Each document is encrypted with a key of its own and shown only to those who activated that person's dossier. Each reading, activation, consent and refusal is recorded, and the facility keeps these records for at least twenty-four months. The facility that issued the document can see whether and when it was opened, to remind you to collect it.

A copy on your device. A document that you downloaded is in your care: on a computer or telephone used by others, delete it once you have read it, and log out of the portal.

Who may see the data. The facility's authorised staff, and the suppliers who run the service on its behalf, bound by contract. Documents are not made public, not passed on, and do not leave the European Economic Area. Alerts by SMS and e-mail say only that there are new documents.

Your rights. You may ask for access, correction, deletion, restriction and portability of the data, ask for a document to be hidden, and object to the handling (articles 15 to 22 GDPR), by turning to the facility. You may lodge a complaint with the Garante per la protezione dei dati personali, piazza Venezia 11, 00187 Roma, www.garanteprivacy.it.$text$);

CREATE TABLE consent (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id        uuid NOT NULL,
    patient_id        uuid NOT NULL,
    kind              text NOT NULL,
    version           text NOT NULL,
    role              text CHECK (role IN ('parent', 'guardian', 'delegate')),
    given_at          timestamptz NOT NULL DEFAULT now(),
    address           text,
    withdrawn_at      timestamptz,
    withdrawn_address text,
    unlinked_at       timestamptz,
    FOREIGN KEY (kind, version) REFERENCES notice
);
COMMENT ON TABLE consent IS 'Who agreed to which version of which notice, for which patient, when';
COMMENT ON COLUMN consent.account_id IS
    'No foreign key: once the account is deleted it is a random id that names no row';
COMMENT ON COLUMN consent.patient_id IS
    'As account_id; from the deletion on what the audit calls the patient '
    '(audit_alias), which then names nobody either';
COMMENT ON COLUMN consent.role IS 'In what role the account holder consented for a relative; null for oneself';
COMMENT ON COLUMN consent.withdrawn_at IS 'Null: it stands. Giving it again is a new row';
COMMENT ON COLUMN consent.unlinked_at IS 'When the account was deleted; the row is kept as proof for a while after';
CREATE INDEX consent_account ON consent (account_id);
CREATE INDEX consent_unlinked ON consent (unlinked_at) WHERE unlinked_at IS NOT NULL;
