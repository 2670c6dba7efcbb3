/** How much is sent and asked for. */
export interface ImagingPlan {
  patients: number;
  /** Items of the worklist: an order for each of as many patients. */
  orders: number;
  sendings: readonly Sending[];
}

/** What is sent at once: on so many associations so many images each. */
export interface Sending {
  associations: number;
  imagesEach: number;
  /** To be reached: how many times as many images a second as Orthanc acknowledges. */
  target: number;
}

/** Of a study, as most X-rays have two views. */
export const IMAGES_PER_STUDY = 2;

const SENDINGS: readonly Sending[] = [
  { associations: 1, imagesEach: 100, target: 4 },
  { associations: 8, imagesEach: 26, target: 1.2 },
];
const ORDERS = 1_000;

/** Images that are sent in a round of a sending. */
export const imagesOf = ({ associations, imagesEach }: Sending): number => associations * imagesEach;

/** @param scale 1: 1,000 orders, and 100 images in a row */
export const imagingPlan = (scale: number): ImagingPlan => {
  const whole = (count: number): number => Math.max(1, Math.round(count * scale));
  const sendings = SENDINGS.map((one) => ({
    ...one,
    imagesEach: whole(one.imagesEach / IMAGES_PER_STUDY) * IMAGES_PER_STUDY,
  }));
  const orders = whole(ORDERS);
  const studies = sendings.map((one) => imagesOf(one) / IMAGES_PER_STUDY);
  return { orders, patients: Math.max(orders, ...studies), sendings };
};
