import { deflateSync } from 'node:zlib';

const HASH = 'AbCdEf0123456789AbCdEf0123456789';

function base64(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** SES leaves all but slashes and reserved characters of queries as they are. */
function ses(url: string): string {
  return url
    .replaceAll('%', '%25')
    .replaceAll('/', '%2F')
    .replaceAll('?', '%3F')
    .replaceAll('&', '%26');
}

/** What each service makes of a URL, in the shapes that the sources in the table show. */
export const WRAPPED: Readonly<Record<string, (url: string) => string>> = {
  SendGrid: () => `https://url1234.example.com/ls/click?upn=u001.${HASH}-2FToII2roP7p3-3D_${HASH}`,
  Mailgun: (url) => {
    const query = `d=acdcd7&h=1b1e&l=${encodeURIComponent(url)}&r=ann%40example.com`;
    return `https://email.mg.example.com/c/${deflateSync(query).toString('base64url')}`;
  },
  Mailjet: (url) => `https://x6trn.mjt.lu/lnk/AUYAAJZ${HASH}/6/${HASH}/${base64(url)}`,
  Postmark: (url) =>
    `https://click.pstmrk.it/3s/${encodeURIComponent(url.replace('https://', ''))}/ByIZ/DbEk/C9/${base64('open')}`,
  SparkPost: () =>
    `https://links.example.com/f/a/rCZ3YpEEJBOHGGI06Rw9OA~~/AAAAAQA~/RgRfOCDVPhdCCgAA`,
  Mandrill: (url) => {
    const inner = JSON.stringify({ u: 30792349, v: 1, url, id: HASH }).replaceAll(
      '/',
      String.raw`\/`,
    );
    return `https://mandrillapp.com/track/click/30792349/t.example.com?p=${base64(JSON.stringify({ s: HASH, v: 1, p: inner }))}`;
  },
  Mailchimp: () =>
    `https://example.us9.list-manage.com/track/click?u=e9492ff2&id=6085259441&e=626d6fa0c9`,
  Brevo: () => `https://cgeeijf.r.bh.d.sendibt3.com/tr/cl/${HASH}${HASH}`,
  Klaviyo: () => `https://ctrk.klclick.com/l/01KHP4QZR0ZYHK4RYTB2F86GVG_29`,
  Resend: (url) =>
    `https://${HASH}.us-east-1.resend-links.com/CL0/${ses(url)}/1/0100019ba3b2-000000/${HASH}=46`,
  'Amazon SES': (url) =>
    `https://9qh8qcxb.r.us-east-1.awstrack.me/L0/${ses(url)}/1/010001745adc30c9-000000/24c9TGV=178`,
  HubSpot: () =>
    `https://d2v8tf04.na1.hubspotlinks.com/Ctc/5F+113/d2v8tf04/VVw9Rm4f3trgN8WQSpQxcR8TW8`,
  'Customer.io': (url) =>
    `https://e.customeriomail.com/e/c/${base64(JSON.stringify({ email_id: 'abc', href: url }))}/0a1b2c3d4`,
  'Kit (ConvertKit)': (url) =>
    `https://click.convertkit-mail2.com/d0uwowlp78h0ho8e20/6qheh8hllrzr85bo/${base64(url)}=`,
  'Outlook Safe Links': (url) =>
    `https://nam12.safelinks.protection.outlook.com/?url=${encodeURIComponent(url)}&data=05%7C02&reserved=0`,
  'Proofpoint URL Defense': (url) => {
    const mangled = encodeURIComponent(url)
      .replaceAll('-', '%2D')
      .replaceAll('_', '%5F')
      .replaceAll('%2F', '_')
      .replaceAll('%', '-');
    return `https://urldefense.proofpoint.com/v2/url?u=${mangled}&d=DwMFaQ&c=${HASH}&e=`;
  },
  'Mimecast URL Protect': () =>
    `https://protect-eu.mimecast.com/s/Ab1CDe2FgHi3JkL4mNoP?domain=t.example.com`,
  'Cisco Secure Email': (url) =>
    `https://secure-web.cisco.com/1G_SeRH3Aw/${encodeURIComponent(url)}`,
  Gmail: (url) =>
    `https://www.google.com/url?q=${encodeURIComponent(url)}&source=gmail-imap&usg=AOvVaw1`,
};
