-- The Italian notices say "Lei" and "account", as the rest of the portal does. A text to which somebody has consented
-- stays as it was read: it is put only where nobody has yet.
SET LOCAL search_path = dossier_data, pg_temp;

UPDATE notice_text t SET body = n.body
FROM (VALUES
('portal', $text$Questa informativa, resa ai sensi dell'articolo 13 del Regolamento (UE) 2016/679 (GDPR), spiega come vengono trattati i Suoi dati quando si registra a questo portale e lo utilizza. La consultazione dei Suoi referti è descritta in una seconda informativa, che Le sarà mostrata quando attiverà il dossier.

Chi tratta i dati. Titolare del trattamento è la struttura sanitaria del Gruppo Mantova Salus presso la quale è stata accettata la Sua prestazione. I suoi recapiti e quelli del responsabile della protezione dei dati sono pubblicati nel sito della struttura e si possono chiedere allo sportello di accettazione.

Quali dati. Trattiamo i dati che scrive nel Suo profilo (nome, cognome, data e luogo di nascita, codice fiscale, numero di cellulare, indirizzo e-mail), la password, che conserviamo soltanto in una forma da cui non si può risalire all'originale, la lingua scelta, i consensi che ha dato e la loro data, l'indirizzo di rete e il tipo di programma con cui si collega, l'ora e l'esito di ogni accesso.

Perché e su quale base. I dati servono a creare il Suo account, ad accertare che sia davvero Lei a chiederlo, a farLa accedere e ad avvisarLa quando un documento è pronto. La base giuridica è il Suo consenso. Le registrazioni degli accessi servono inoltre a proteggere il servizio e a dimostrare chi ha consultato i dati, come la legge richiede alla struttura.

Come accertiamo la Sua identità. Il codice di verifica parte soltanto se il codice fiscale e il cellulare che indica coincidono con quelli dati all'accettazione. La risposta che vede è la stessa in ogni caso, così che nessuno possa scoprire, provando, chi è paziente della struttura.

Facoltà di scelta. Registrarsi è facoltativo. Senza registrazione può sempre ritirare i referti allo sportello: le cure non cambiano in alcun modo. Può revocare il consenso in qualsiasi momento; la revoca non tocca quanto fatto prima.

SMS ed e-mail. I messaggi che Le inviamo contengono un codice oppure l'avviso che sono disponibili nuovi documenti. Non contengono mai nomi, reparti, esami o altre notizie sulla salute.

Chi può conoscere i dati. Il personale della struttura autorizzato alla gestione del servizio e i fornitori che lo rendono possibile (gestione informatica, invio di SMS ed e-mail), nominati responsabili del trattamento e vincolati da contratto. I dati non sono diffusi, non sono ceduti e non sono trasferiti fuori dallo Spazio economico europeo. Nessuna decisione è presa in modo automatico.

Per quanto tempo. I dati del profilo restano finché mantiene l'account. Una registrazione non conclusa è cancellata entro tre giorni. Le registrazioni degli accessi e delle operazioni sono conservate per almeno ventiquattro mesi, perché Lei e la struttura possiate sapere chi ha fatto che cosa.

I Suoi diritti. Può chiedere alla struttura di accedere ai Suoi dati, di rettificarli, di cancellarli, di limitarne il trattamento, di riceverli in un formato leggibile da un elaboratore, e può opporsi al trattamento (articoli da 15 a 22 del GDPR). Può presentare reclamo al Garante per la protezione dei dati personali, piazza Venezia 11, 00187 Roma, www.garanteprivacy.it.$text$),

('dossier', $text$Questa informativa, resa ai sensi dell'articolo 13 del Regolamento (UE) 2016/679 (GDPR), spiega che cosa accade ai Suoi documenti sanitari, o a quelli del familiare per cui attiva il dossier, quando sceglie di riceverli in linea. Completa quella sul portale, che resta valida.

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

I Suoi diritti. Può chiedere accesso, rettifica, cancellazione, limitazione e portabilità dei dati, chiedere l'oscuramento di un documento e opporsi al trattamento (articoli da 15 a 22 del GDPR), rivolgendosi alla struttura. Può presentare reclamo al Garante per la protezione dei dati personali, piazza Venezia 11, 00187 Roma, www.garanteprivacy.it.$text$)
) AS n (kind, body)
WHERE t.kind = n.kind AND t.version = '2026-01' AND t.language = 'it'
  AND NOT EXISTS (SELECT FROM consent c WHERE c.kind = t.kind AND c.version = t.version);
