// Reflex draws with Emotion's jsx; we style by class alone, so React's own does.
import { createElement } from "react";

export const jsx = createElement;
export const keyframes = () => "";
export const css = () => "";
