/** The part of `compression` that is used; its types would bring those of Express. */
declare module 'compression' {
  export default function compression(options: {
    threshold: number;
  }): (request: never, response: never, next: never) => void;
}
