import { offerCheck } from './offer-check.ts';
import { offerReading } from './offer-reading.ts';

offerReading();
offerCheck();
