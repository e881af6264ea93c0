/** The sign of Tako. Says nothing to screen readers: its name stands beside it. */
export function TakoMark({ size = 26 }: { size?: number }) {
  return <img src={`${import.meta.env.BASE_URL}favicon.svg`} width={size} height={size} alt="" />
}
