import type { DeliveryTarget } from './delivery-target.js';
import type { Parcel } from './parcel.js';

/** What goes to one target in one request, from the first attempt to the last. */
export class Shipment {
  attempts = 0;
  /** An attempt is being made. */
  isUnderWay = false;
  /** Delivered or given up: what still comes of an attempt does not matter any more. */
  isSettled = false;

  /** @param since when it was accepted, by the queue's clock */
  constructor(
    readonly target: DeliveryTarget,
    readonly parcels: Parcel[],
    readonly since: number,
  ) {}
}
