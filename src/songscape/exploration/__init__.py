"""What is in a catalog: the tracks table → the plain data of the exploratory report."""

from songscape.exploration.page import explore as explore
