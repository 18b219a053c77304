/**
 * Mail domains in which the public can register addresses. A provider that vouches for one vouches for strangers, so
 * none can be an organization's own. Only the large ones; a complete list would be outdated the day it is written.
 */
const PUBLIC_MAIL_DOMAINS: ReadonlySet<string> = new Set([
  ...['gmail.com', 'googlemail.com'],
  ...['outlook.com', 'hotmail.com', 'live.com', 'msn.com', 'passport.com', 'outlook.de', 'outlook.fr', 'outlook.es'],
  ...['hotmail.co.uk', 'hotmail.de', 'hotmail.es', 'hotmail.fr', 'hotmail.it', 'live.co.uk', 'live.de', 'live.fr'],
  ...['yahoo.com', 'ymail.com', 'rocketmail.com', 'yahoo.co.in', 'yahoo.co.jp', 'yahoo.co.uk', 'yahoo.com.br'],
  ...['yahoo.de', 'yahoo.es', 'yahoo.fr', 'yahoo.in', 'yahoo.it', 'aol.com', 'aim.com', 'myyahoo.com'],
  ...['icloud.com', 'me.com', 'mac.com', 'privaterelay.appleid.com'],
  ...['proton.me', 'protonmail.com', 'protonmail.ch', 'pm.me', 'tutanota.com', 'tuta.com', 'tuta.io', 'tutamail.com'],
  ...['gmx.com', 'gmx.de', 'gmx.net', 'gmx.at', 'gmx.ch', 'web.de', 'mail.de', 'mail.com', 'email.com', 't-online.de'],
  ...['freenet.de', 'posteo.de', 'mailbox.org', 'free.fr', 'orange.fr', 'laposte.net', 'sfr.fr', 'wanadoo.fr'],
  ...['libero.it', 'virgilio.it', 'btinternet.com', 'sky.com', 'virginmedia.com', 'comcast.net', 'verizon.net'],
  ...['att.net', 'sbcglobal.net', 'bellsouth.net', 'cox.net', 'charter.net', 'earthlink.net', 'juno.com'],
  ...['yandex.com', 'yandex.ru', 'ya.ru', 'mail.ru', 'inbox.ru', 'list.ru', 'bk.ru', 'rambler.ru', 'ukr.net'],
  ...['qq.com', 'foxmail.com', '163.com', '126.com', 'yeah.net', 'sina.com', 'sohu.com', 'naver.com', 'daum.net'],
  ...['hanmail.net', 'rediffmail.com', 'uol.com.br', 'bol.com.br', 'terra.com.br', 'seznam.cz', 'wp.pl', 'o2.pl'],
  ...['fastmail.com', 'fastmail.fm', 'hushmail.com', 'zoho.com', 'zohomail.com', 'hey.com', 'duck.com', 'inbox.com'],
  ...['mozmail.com', 'simplelogin.com', 'guerrillamail.com', 'mailinator.com', 'yopmail.com', '10minutemail.com'],
]);

export const isPublicMailDomain = (domain: string): boolean => PUBLIC_MAIL_DOMAINS.has(domain);
