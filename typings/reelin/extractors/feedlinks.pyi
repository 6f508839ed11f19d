from extractors.feedlinks import *
