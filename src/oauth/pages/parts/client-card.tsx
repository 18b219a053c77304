import type { JSX } from 'preact';
import { ImitationCaution } from './imitation-caution.js';
import { dayOf } from './instant.js';
import { Caution } from './messages.js';

/** An application, as far as it is known to someone who is asked about it. */
export interface DeviceClient {
  /** What the application calls itself. */
  name: string;
  /** The address of its home page, as it says itself. */
  uri?: string;
  /** Nobody in the organisation has looked at it. */
  isSelfRegistered: boolean;
  /** Its name looks like the name of this product. */
  imitatesProduct: boolean;
  /** Who registered it for the organization, and when. Null: it registered itself, or it is part of the product. */
  registration: ClientRegistration | null;
  /** The host of its client-id metadata document: the one thing about it that is proven. */
  clientIdHost?: string;
}

export interface ClientRegistration {
  /** Null: the person was deleted. */
  by: { name: string; email: string } | null;
  at: Date;
}

export interface AskingClient extends DeviceClient {
  /** Where answers go: the redirect URI's host, or its scheme. */
  host: string;
  isLoopbackOnly: boolean;
}

export type ClientCardProps = DeviceClient & Partial<AskingClient>;

/**
 * Who asks. The name is the application's own choice, so it stands apart from our sentences, isolated from their
 * writing direction, and above what is known for sure.
 */
export function ClientCard({ name, host, uri, clientIdHost, registration, ...client }: ClientCardProps): JSX.Element {
  const home = webAddress(uri);
  return (
    <>
      <div class="client">
        <p class="client-name">
          <bdi>{name}</bdi>
        </p>
        <dl>
          {host !== undefined && (
            <Fact term="Sends you back to">{client.isLoopbackOnly ? `this computer (${host})` : host}</Fact>
          )}
          {clientIdHost !== undefined && <Fact term="Published by">{clientIdHost}</Fact>}
          {registration === null && !client.isSelfRegistered && <Fact term="Part of">this gateway</Fact>}
          {registration !== null && <Fact term="Registered by">{registrantOf(registration)}</Fact>}
          {registration !== null && <Fact term="Registered on">{dayOf(registration.at)}</Fact>}
          {home !== null && <Fact term="Says its home is">{home}</Fact>}
        </dl>
      </div>
      {client.imitatesProduct && <ImitationCaution />}
      {client.isSelfRegistered && (
        <Caution title="Not verified by your organisation">
          This app registered itself and may call itself anything. Go on only if you started this, in an app that you
          trust.
        </Caution>
      )}
      {client.isLoopbackOnly && (
        <Caution title="Runs on this computer">
          The answer goes to a program on the computer that you are using now. If you did not just start one, do not go
          on.
        </Caution>
      )}
    </>
  );
}

function registrantOf({ by }: ClientRegistration): string {
  if (by === null) return 'a person who has left the organization';
  // A person who was invited by an address alone goes by it.
  return by.name === by.email ? by.email : `${by.name} (${by.email})`;
}

const Fact = ({ term, children }: { term: string; children: string }): JSX.Element => (
  <div>
    <dt>{term}</dt>
    <dd>
      <bdi>{children}</bdi>
    </dd>
  </div>
);

/** `text` as the address of a web page, for show; null when it is none. */
function webAddress(text: string | undefined): string | null {
  if (text === undefined || !URL.canParse(text)) return null;
  const { protocol, host, pathname } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return null;
  return host + (pathname === '/' ? '' : pathname);
}
